import { z } from 'zod';

/** B: how many children a fork asks for. */
export const widthSchema = z.int().min(1);
