/** A flow's file: JSON where its name says so, else YAML. The one reader for whoever checks, draws or runs flows. */
import { StewardError } from './domain/errors.ts';
import { findJsonFault, type JsonFault } from './json-fault.ts';
import { readYaml } from './yaml.ts';

/**
 * What stands in the file, whatever it is; the checker judges it.
 * @throws StewardError InvalidFlow with file, line and column. It quotes keys and tags alone: a file that was named by mistake may hold secrets.
 */
export function readDefinition(text: string, file: string): unknown {
  const content = text.replace(/^\uFEFF/u, '');
  const fail = ({ at, what }: JsonFault): never => {
    const lines = content.slice(0, at).split('\n');
    const place = `line ${lines.length}, column ${(lines.at(-1) ?? '').length + 1}`;
    throw new StewardError('InvalidFlow', `${file}: ${what} (${place})`);
  };
  if (/\.json$/iu.test(file)) {
    const fault = findJsonFault(content);
    return fault ? fail(fault) : (JSON.parse(content) as unknown);
  }
  const { faults, value } = readYaml(content, { merge: true });
  return faults[0] ? fail(faults[0]) : value;
}
