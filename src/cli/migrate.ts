import { type Context, type JsonOption, sayJson } from './context.ts';

/** For where the owner's login is not the one that Steward runs by. Doing it again is harmless. */
export async function migrate(context: Context, options: JsonOption): Promise<void> {
  const applied = await context.migrate();
  if (options.json) return sayJson(context, { applied });
  const what = applied.length === 0 ? 'The tables were up to date' : `Applied: ${applied.join(', ')}`;
  context.out(`${what}; the rights of every database role are as this version has them.\n`);
}
