import { z } from 'zod';
import { PRESENCES } from '../domain/presence.ts';

const WORDS = PRESENCES.join(', ');
export const presenceSchema = z.strictObject(
  { presence: z.enum(PRESENCES, { error: `one of ${WORDS}` }) },
  { error: `an object with presence: one of ${WORDS}` },
);
