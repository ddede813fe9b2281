/** Parallel and Map: the states that have flows within. */
import {
  complain,
  has,
  onlyOne,
  readCount,
  readList,
  readSelectionField,
  readTemplate,
  readText,
  type Source,
  sourceOf,
} from './fields.ts';
import { WHOLE } from './path.ts';
import { below, quoted } from './problems.ts';
import type { ReadInner } from './surroundings.ts';
import type { Flow, MapState } from './types.ts';
import { expectFields } from './vocabulary.ts';

export function readBranches(source: Source, readInner: ReadInner): Flow[] {
  const list = readList(source, 'Branches', 'flows') ?? [];
  if (!has(source, 'Branches') || (Array.isArray(source.object.Branches) && list.length === 0)) {
    complain(source, 'Branches', 'a Parallel needs at least one branch: {"StartAt": …, "States": …}');
  }
  return list.flatMap((item, index) => {
    const branch = sourceOf(item, below(below(source.path, 'Branches'), index), source.report, 'a branch');
    const flow = branch && readInner(branch, 'branch');
    return flow ? [flow] : [];
  });
}

type Own =
  | 'type'
  | 'itemsPath'
  | 'itemSelector'
  | 'processor'
  | 'maxConcurrency'
  | 'toleratedFailureCount'
  | 'toleratedFailurePercentage';

export function readMap(source: Source, working: Omit<MapState, Own>, readInner: ReadInner): MapState | undefined {
  const whole = Number.MAX_SAFE_INTEGER;
  // Older definitions say Parameters where newer ones say ItemSelector; there is no other use for it in a Map.
  onlyOne(source, ['ItemSelector', 'Parameters'], false);
  const itemSelector = readTemplate(source, 'ItemSelector') ?? working.parameters;
  const itemsPath = readSelectionField(source, 'ItemsPath') ?? WHOLE;
  const maxConcurrency = readCount(source, 'MaxConcurrency', { least: 0, most: whole }) ?? 0;
  const toleratedFailureCount = readCount(source, 'ToleratedFailureCount', { least: 0, most: whole });
  const toleratedFailurePercentage = readCount(source, 'ToleratedFailurePercentage', {
    least: 0,
    most: 100,
    whole: false,
  });
  const processor = readProcessor(source, readInner);
  return (
    processor && {
      type: 'Map',
      ...working,
      parameters: undefined,
      itemsPath,
      itemSelector,
      processor,
      maxConcurrency,
      toleratedFailureCount,
      toleratedFailurePercentage,
    }
  );
}

export function readProcessor(source: Source, readInner: ReadInner): Flow | undefined {
  const field = onlyOne(source, ['ItemProcessor', 'Iterator'], true);
  const processor =
    field &&
    sourceOf(source.object[field], below(source.path, field), source.report, `${field}, what is done with each item,`);
  if (!processor) return undefined;
  checkMode(processor);
  return readInner(processor, 'processor');
}

function checkMode(processor: Source): void {
  if (!has(processor, 'ProcessorConfig')) return;
  const path = below(processor.path, 'ProcessorConfig');
  const config = sourceOf(processor.object.ProcessorConfig, path, processor.report, 'ProcessorConfig');
  if (!config) return;
  expectFields(config, 'processor config');
  const mode = readText(config, 'Mode');
  if (mode === undefined || mode === 'INLINE') return;
  const known = mode === 'DISTRIBUTED';
  complain(
    config,
    'Mode',
    known ? 'DISTRIBUTED is not supported; take INLINE' : `there is no ${quoted(mode)}; take INLINE`,
  );
}
