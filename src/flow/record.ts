import { isPersonalField, PERSONAL_FIELDS } from '../domain/envelope.ts';
import type { Json } from '../domain/json.ts';
import { type KnownPerson, namesPerson } from '../domain/names-person.ts';
import type { Path } from './path.ts';
import { holdsInvisible } from './problems.ts';
import type { Query } from './query.ts';
import { isList, isObject, own } from './values.ts';

/** Where a state reads its paths: its InputPath, and the input of the whole flow. */
export interface Ground {
  readonly inputPath: Path | Query | null;
  readonly flowInput: Json;
}

/** Longer than any label that a rule compares with, shorter than what a customer writes. */
const LONGEST_LABEL = 60;

/**
 * What a record may say of the value at `path`: numbers, true, false and null as they are, and text that is like a label. Of all else its
 * kind and size, for records outlive the customer's data and are shown to many.
 */
export function recordable(value: Json, path: Path, ground: Ground): Json {
  if (isList(value)) return `array of ${count(value.length, 'item')}`;
  if (isObject(value)) return `object of ${count(Object.keys(value).length, 'field')}`;
  if (typeof value !== 'string') return value;
  return isLabel(value) && !isPersonal(value, path, ground) ? value : `text of ${count(value.length, 'character')}`;
}

function isLabel(text: string): boolean {
  return text.length <= LONGEST_LABEL && !text.includes('@') && !holdsInvisible(text);
}

/** Because it is what a personal field came with, wherever a state has moved it to and whichever path leads there; or by its place. */
export function isPersonal(text: string, path: Path, { inputPath, flowInput }: Ground): boolean {
  if (cameAsPersonal(text, flowInput)) return true;
  // Nobody can say what a variable was made of.
  if (path.root === 'variable') return true;
  // An operator's `fix`, or a state, may have put other words there than the ticket came with.
  if (path.root !== 'input' || inputPath === null) return false;
  // Where a search found it, nobody can say.
  return !('steps' in inputPath) || isPersonalField([...inputPath.steps, ...path.steps]);
}

export function cameAsPersonal(text: string, flowInput: Json): boolean {
  const detail = isObject(flowInput) ? own(flowInput, 'detail') : undefined;
  return isObject(detail) && PERSONAL_FIELDS.some((field) => own(detail, field) === text);
}

/**
 * The same of an id that a flow gives, be it made of several pieces. A run of its own may have the fields beside each other, without a `detail`
 * around them.
 */
export function namesCustomer(id: string, flowInput: Json): boolean {
  if (!isObject(flowInput)) return false;
  const places = [own(flowInput, 'detail'), flowInput].filter((place) => place !== undefined);
  return places.some((detail) => cameAsPersonal(id, { detail }) || namesPerson(saidAs(id), knownOf(detail)) !== null);
}

/** As somebody would write it: ids have no blanks, and need no capitals. */
function saidAs(id: string): string {
  const words = id.replace(/[-_.:/]+/g, ' ').replace(/(?<!\p{L})\p{Ll}/gu, (letter) => letter.toUpperCase());
  return `${id} ${words}`;
}

function knownOf(detail: Json): KnownPerson {
  const given = (field: string) => {
    const value = isObject(detail) ? own(detail, field) : undefined;
    return typeof value === 'string' && value !== '' ? [value] : [];
  };
  return {
    ids: given('customerId'),
    names: given('customerName'),
    emails: given('customerEmail'),
    phones: given('customerPhone'),
  };
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}
