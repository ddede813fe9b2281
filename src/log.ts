import { pino } from 'pino';

/** JSON lines on stderr; standard output is for what the user asked for. Facts hold ids and labels, never what people wrote. */
export function createLog(level: string) {
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: 2, sync: true }),
  );
}
export type Log = ReturnType<typeof createLog>;
