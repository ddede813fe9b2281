import { type Condition, matchesPattern } from './condition.ts';
import { compareInstants, parseInstant } from './timestamp.ts';

type Compare = Extract<Condition, { kind: 'compare' }>;

/** Whether whatever meets `later` meets `earlier` as well, as far as can be told by looking at the two. */
export function shadowedBy(later: Condition, earlier: Condition): boolean {
  if (earlier.kind === 'or') return earlier.parts.some((part) => shadowedBy(later, part));
  if (earlier.kind === 'and') return earlier.parts.every((part) => shadowedBy(later, part));
  if (later.kind === 'and') return later.parts.some((part) => shadowedBy(part, earlier));
  if (later.kind === 'or') return later.parts.every((part) => shadowedBy(part, earlier));
  if (later.kind === 'compare' && earlier.kind === 'compare') return narrower(later, earlier);
  if (later.kind === 'compare' && earlier.kind === 'matches') return isMatch(later, earlier);
  return JSON.stringify(later) === JSON.stringify(earlier);
}

function isMatch(later: Compare, earlier: Extract<Condition, { kind: 'matches' }>): boolean {
  if (later.variable.text !== earlier.variable.text || later.relation !== '=' || 'path' in later.value) return false;
  const { constant } = later.value;
  return later.family === 'String' && typeof constant === 'string' && matchesPattern(constant, earlier.pattern);
}

/** Both compare the same place with a constant, and what the later one lets pass lies within what the earlier one does. */
function narrower(later: Compare, earlier: Compare): boolean {
  if (later.variable.text !== earlier.variable.text || later.family !== earlier.family) return false;
  if ('path' in later.value || 'path' in earlier.value) return JSON.stringify(later) === JSON.stringify(earlier);
  const order = compareConstants(later.family, later.value.constant, earlier.value.constant);
  if (order === undefined) return false;
  const [small, great] = [later.relation, earlier.relation];
  if (great === '=') return small === '=' && order === 0;
  const isBelow = great === '<' || great === '<=';
  if (small === '=') return order === 0 ? great.endsWith('=') : isBelow ? order < 0 : order > 0;
  if ((small === '<' || small === '<=') !== isBelow) return false;
  if (order === 0) return great.endsWith('=') || small === great;
  return isBelow ? order < 0 : order > 0;
}

/** Less than 0, 0 or more than 0, as when sorting; undefined when they can't be compared. */
function compareConstants(family: Compare['family'], left: unknown, right: unknown): number | undefined {
  if (family === 'Timestamp' && typeof left === 'string' && typeof right === 'string') {
    const [a, b] = [parseInstant(left), parseInstant(right)];
    return a === undefined || b === undefined ? undefined : compareInstants(a, b);
  }
  if (typeof left === 'number' && typeof right === 'number') return left - right;
  if (typeof left === 'string' && typeof right === 'string') return left === right ? 0 : left < right ? -1 : 1;
  return left === right ? 0 : undefined;
}
