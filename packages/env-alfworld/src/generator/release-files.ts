import { formatGameFile } from '../game-file.js';
import type { GeneratedGame } from './generate-game.js';

/** One file of a release tree. */
export interface ReleaseFile {
  /** Relative to the root of the tree, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const LAMP_KIND = 'look_at_obj_in_light';

/**
 * The files of a generated game as ALFWorld's releases lay them out: `<folder>/<kind>-<Object>-None-<Target>-<scene>/trial_.../`
 * with `game.tw-pddl`, `initial_state.pddl` and `traj_data.json`. The trajectory says what the task is about, and describes it in
 * words; it has no robot's plan.
 *
 * @param folder - the folder of the split
 * @param trial - tells apart games of the same task; any text that a folder may be called
 */
export function releaseFiles(
  game: GeneratedGame,
  folder: string,
  trial: string,
): readonly ReleaseFile[] {
  const { file, kind, scene, goal } = game;
  const isLook = kind === LAMP_KIND;
  const place = `${folder}/${kind}-${goal.object}-None-${goal.target}-${scene}/${trial}`;
  const trajectory = {
    task_id: trial,
    task_type: kind,
    pddl_params: {
      object_target: goal.object,
      parent_target: isLook ? '' : goal.target,
      toggle_target: isLook ? goal.target : '',
      mrecep_target: '',
      object_sliced: false,
    },
    scene: { floor_plan: `FloorPlan${scene}`, scene_num: scene },
    turk_annotations: { anns: [{ task_desc: goal.sentence }] },
  };
  return [
    { path: `${place}/game.tw-pddl`, text: formatGameFile(file) },
    { path: `${place}/initial_state.pddl`, text: file.problem },
    { path: `${place}/traj_data.json`, text: `${JSON.stringify(trajectory, null, 2)}\n` },
  ];
}
