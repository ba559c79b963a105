import type { TreePlace, TreeView, TurnDetail } from '../../shared/views.js';
import { useSource } from '../app/source-context.js';
import { useData, type Loaded } from '../app/use-data.js';

/** Loads what is known of a turn beside what the tree tells; anew when the tree ended, since only then it has advantages. */
export function useTurn(view: TreeView, place: TreePlace, node: string): Loaded<TurnDetail> {
  const source = useSource();
  const key = `turn ${place.run} ${place.set} ${place.file} ${node} ${view.finished}`;
  return useData(key, () => source.turn(place, node), 0);
}
