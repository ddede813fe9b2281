import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { SETTINGS } from '../../src/config.ts';

// Every setting is given, if only as unset, so that no .env file has a say.
const UNSET = Object.fromEntries(SETTINGS.map((name) => [name, '']));

export interface NpmRun {
  readonly pid: number;
  /** Resolves as soon as it has said so; rejects with all that it said when it ends before. */
  readonly saying: (words: RegExp) => Promise<void>;
  /** The exit code, or the signal that npm ended by. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
  /** All that it has said, on both streams. */
  readonly said: () => string;
}

/** `npm …args` as a person runs it in a terminal: in a process group of its own, so that a Ctrl-C can reach all of it. */
export function runNpm(args: readonly string[], settings: Readonly<Record<string, string>>): NpmRun {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, npm_config_update_notifier: 'false', ...UNSET, ...settings };
  const child = spawn('npm', args, { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const ended = new Promise<number | NodeJS.Signals | null>((done) =>
    child.once('exit', (code, signal) => done(code ?? signal)),
  );
  const voice = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      voice.emit('more');
    });
  }
  const closed = once(child, 'close').then(([code]) => new Error(`npm ${args.join(' ')} ended with ${code}: ${said}`));
  const saying = async (words: RegExp): Promise<void> => {
    while (!words.test(said)) {
      const more = await Promise.race([once(voice, 'more'), closed]);
      if (more instanceof Error) throw more;
    }
  };
  return { pid: Number(child.pid), saying, ended, said: () => said };
}
