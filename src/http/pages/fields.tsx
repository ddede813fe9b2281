import type { Child } from 'hono/jsx';

/** What is wrong with a form: by the field's id, said to the one who filled it in. An empty id means the form as a whole. */
export type FormErrors = ReadonlyMap<string, string>;

export const NO_ERRORS: FormErrors = new Map();

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly errors: FormErrors;
  readonly hint?: string;
  readonly type?: 'text' | 'email' | 'password';
  readonly autocomplete?: string;
  readonly required?: boolean;
  /** Several lines. */
  readonly long?: boolean;
}

/** A labelled field with its hint and error, tied together for those who can't see how close they stand. */
export function Field({
  name,
  label,
  value,
  errors,
  hint,
  type = 'text',
  autocomplete,
  required = true,
  long = false,
}: FieldProps) {
  const error = errors.get(name);
  const described = [hint && `${name}-hint`, error && `${name}-error`].filter(Boolean).join(' ');
  const shared = {
    id: name,
    name,
    required,
    ...(described === '' ? {} : { 'aria-describedby': described }),
    ...(error === undefined ? {} : { 'aria-invalid': 'true' as const }),
    ...(autocomplete === undefined ? {} : { autocomplete }),
  };
  return (
    <div class="field">
      <label for={name}>{required ? label : `${label} (optional)`}</label>
      {hint === undefined ? null : (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      <FieldError name={name} errors={errors} />
      {long ? <textarea {...shared}>{value}</textarea> : <input type={type} value={value} {...shared} />}
    </div>
  );
}

export function FieldError({ name, errors }: { name: string; errors: FormErrors }) {
  const error = errors.get(name);
  return error === undefined ? null : (
    <p class="error" id={`${name}-error`}>
      {error}
    </p>
  );
}

/** Every error once more on top, each a link to its field. `autofocus` brings readers there without a script. */
export function ErrorSummary({ errors, title = 'Something is missing' }: { errors: FormErrors; title?: string }) {
  if (errors.size === 0) return null;
  return (
    <div class="summary" role="alert" tabindex={-1} autofocus aria-labelledby="summary-title">
      <h2 id="summary-title">{title}</h2>
      <ul>
        {[...errors].map(([field, error]) => (
          <li>{field === '' ? error : <a href={`#${field}`}>{error}</a>}</li>
        ))}
      </ul>
    </div>
  );
}

/** `off`: a reloaded page would be given the value it had before, and a new form would pass for the old one. */
export function Hidden({ name, value }: { name: string; value: string }) {
  return <input type="hidden" name={name} value={value} autocomplete="off" />;
}

/** People neither see nor reach it; robots fill it in. */
export function Trap() {
  return (
    <div class="trap" aria-hidden="true">
      <label for="website">Leave this field empty</label>
      <input type="text" id="website" name="website" value="" tabindex={-1} autocomplete="off" />
    </div>
  );
}

export function Notice({ children }: { children: Child }) {
  return (
    <div class="notice" role="status">
      {children}
    </div>
  );
}
