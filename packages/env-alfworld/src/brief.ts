import { parseInput, type AgentBrief } from '@spark-rl/core';
import { z } from 'zod';

import type { Wording } from './wording.js';

const wordingSchema = z.enum(['2.1.1', '2.1.2']);

/** What an agent must be told about the household before it can act in it. */
export function alfworldBrief(wording: Wording = '2.1.2'): AgentBrief {
  const isOld = parseInput(wordingSchema, wording, 'wording of alfworldBrief') === '2.1.1';
  return {
    world:
      'You are a household robot in one room. Things lie in or on numbered receptacles, such as "drawer 2" or ' +
      '"countertop 1"; what is in a closed receptacle shows only after it is opened. You see what a receptacle holds when ' +
      'you arrive at it, and you can carry one thing at a time. Name things and receptacles exactly as the texts do. When ' +
      'a command cannot be done, the answer is "Nothing happens."',
    actions: [
      { form: 'go to {receptacle}', meaning: 'walk to a receptacle and see what is there' },
      { form: 'open {receptacle}', meaning: 'open the receptacle where you stand' },
      { form: 'close {receptacle}', meaning: 'close the receptacle where you stand' },
      {
        form: 'take {object} from {receptacle}',
        meaning: 'pick up a thing, with empty hands, from an open receptacle where you stand',
      },
      {
        form: isOld ? 'put {object} in/on {receptacle}' : 'move {object} to {receptacle}',
        meaning: 'put down what you carry, where that kind of thing may lie',
      },
      {
        form: 'clean {object} with {receptacle}',
        meaning: 'wash what you carry at a sink basin',
      },
      { form: 'heat {object} with {receptacle}', meaning: 'heat what you carry at a microwave' },
      { form: 'cool {object} with {receptacle}', meaning: 'cool what you carry at a fridge' },
      { form: 'use {object}', meaning: 'switch on a lamp where you stand' },
      {
        form: 'slice {object} with {object}',
        meaning: 'cut a thing where you stand with the knife that you carry',
      },
      {
        form: 'examine {receptacle or object}',
        meaning: 'look closely at a receptacle where you stand, or at what you carry',
      },
      { form: 'look', meaning: 'see where you stand' },
      { form: 'inventory', meaning: 'see what you carry' },
      ...(isOld ? [] : [{ form: 'help', meaning: 'list the kinds of commands' }]),
    ],
  };
}
