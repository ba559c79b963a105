import { parseInput, type AgentBrief } from '@spark-rl/core';
import { z } from 'zod';

import { SIMPLIFICATIONS } from '../environment/list-tasks.js';
import { checkSimplifications } from '../bridge/simplifications.js';

const schema = z.strictObject({ simplifications: z.string().default('easy') });

/** What {@link scienceworldBrief} depends on. */
export interface ScienceworldBriefOptions {
  /** How the world is simplified; default `easy`. It decides which actions there are. */
  readonly simplifications?: string;
}

const WORLD =
  'You are in a house with several rooms, a greenhouse and an outside, where you do elementary science: you heat, cool, measure, mix, ' +
  'connect, grow and compare things. Look around to see what a room holds; things inside closed containers show after you open them. ' +
  'Name things as the texts do, with where they are when there are several ("water in metal pot"). Time passes with most actions. ' +
  'Focus only on what the task asks you to focus on: a wrong focus usually fails the task at once. When a request is ambiguous you get a ' +
  'numbered list; answer with the number alone.';

const action = (form: string, meaning: string) => ({ form, meaning });

const TELEPORT = action('teleport to {room}', 'be in another room at once');

const ELECTRICAL = [
  action(
    'connect {thing} to {thing}',
    'join two parts electrically, such as a battery anode and a wire terminal',
  ),
  action('disconnect {thing}', 'undo what connects a part'),
];

const ACTIONS = [
  action('look around', 'see the room and what is in it; takes no time'),
  action('look at {thing}', 'see a thing more closely'),
  action('look in {container}', 'see what a container holds'),
  action('go to {room}', 'walk into a room next to this one, through an open door'),
  action('open {thing}', 'open a door ("door to kitchen") or a container'),
  action('close {thing}', 'close a door or a container'),
  action('pick up {thing}', 'take a thing into your inventory'),
  action('put down {thing}', 'lay a thing of your inventory down in this room'),
  action('inventory', 'see what you carry; takes no time'),
  action('move {thing} to {place}', 'put a thing into or onto another'),
  action('pour {liquid} into {container}', 'pour a liquid, or what a container holds, elsewhere'),
  action('dunk {container} in {liquid}', 'fill a container by dipping it in'),
  action('mix {container}', 'stir what a container holds, so that it may react'),
  action('activate {device}', 'switch a device on, such as a stove or a sink'),
  action('deactivate {device}', 'switch a device off'),
  action(
    'use {tool} on {thing}',
    'apply a tool that you carry, such as a thermometer, a lighter or a shovel',
  ),
  action('read {thing}', 'read a note, a recipe or a book'),
  action('eat {thing}', 'eat something'),
  action('flush {thing}', 'flush a toilet'),
  action('focus on {thing}', 'declare that this is the thing that the task speaks of'),
  action('wait1', 'let one moment pass'),
  action('wait', 'let ten moments pass'),
  action('task', 'read the task again; takes no time'),
  action('{number}', 'choose from the list that an ambiguous request gave'),
];

/** What an agent must be told about ScienceWorld before it can act in it. */
export function scienceworldBrief(options: ScienceworldBriefOptions = {}): AgentBrief {
  const { simplifications } = parseInput(schema, options, 'options of scienceworldBrief');
  checkSimplifications(simplifications, '', SIMPLIFICATIONS);
  const names = simplifications.split(',');
  const teleports = simplifications === 'easy' || names.includes('teleportAction');
  const noElectricity = names.includes('noElectricalAction');
  return {
    world: WORLD,
    actions: [
      ...ACTIONS.slice(0, 4),
      ...(teleports ? [TELEPORT] : []),
      ...ACTIONS.slice(4, -5),
      ...(noElectricity ? [] : ELECTRICAL),
      ...ACTIONS.slice(-5),
    ],
  };
}
