export interface Instruction {
  readonly word: string;
  readonly rest: string;
}

/** The instructions of a Dockerfile, each on one line; `ARG`s before the first `FROM` are filled in where `FROM` uses them. */
export function parseDockerfile(text: string): Instruction[] {
  const lines = text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const args = new Map<string, string>();
  return lines.map((line) => {
    const [word = '', ...rest] = line.split(' ');
    const said = rest.join(' ');
    const [, name, value] = word === 'ARG' ? (/^(\w+)=(.*)$/.exec(said) ?? []) : [];
    if (name !== undefined && value !== undefined) args.set(name, value);
    const filled = said.replaceAll(/\$\{(\w+)\}/g, (all, key: string) => args.get(key) ?? all);
    return { word, rest: word === 'FROM' ? filled : said };
  });
}

/** What of an image breaks our rules. `allowed`: the paths that `.dockerignore` lets through. */
export function dockerfileOffences(text: string, allowed: readonly string[]): string[] {
  const all = parseDockerfile(text);
  const last = all.slice(all.findLastIndex(({ word }) => word === 'FROM'));
  const of = (word: string): string[] => last.filter((i) => i.word === word).map((i) => i.rest);
  const found: string[] = [];
  for (const { rest } of all.filter(({ word }) => word === 'FROM')) {
    if (!/^node:(22|24)\.\d+\.\d+-bookworm-slim( AS \w+)?$/.test(rest)) found.push(`${rest}: not one Node on glibc`);
  }
  if (['', 'root', '0'].includes(of('USER').at(-1) ?? '')) found.push('runs as root');
  if (of('HEALTHCHECK').length === 0) found.push('has no health check');
  if (of('ENTRYPOINT').at(-1) !== '["node"]') found.push('its entry point is not node alone');
  if (!of('ENV').some((env) => env.includes('NODE_ENV=production'))) found.push('is not told that this is production');
  for (const { rest } of all.filter(({ word }) => word === 'COPY')) {
    const words = rest.split(' ').filter((word) => !word.startsWith('--'));
    const own = rest.startsWith('--from') ? [] : words.slice(0, -1);
    for (const source of own) {
      if (!allowed.includes(source.replace(/^\.\//, ''))) found.push(`${source}: .dockerignore keeps it out`);
    }
  }
  for (const { rest } of all) if (/\bnpm (install|i)\b/.test(rest)) found.push('installs what no lock file names');
  return found;
}
