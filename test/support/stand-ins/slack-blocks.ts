/** What Slack refuses in blocks and forms, as docs.slack.dev/reference/block-kit has it, for the kinds that we use. */
type Thing = Readonly<Record<string, unknown>>;
type Wrong = string[];

export function wrongInBlocks(blocks: unknown): Wrong {
  if (!Array.isArray(blocks)) return ['blocks: not a list'];
  if (blocks.length > 50) return ['blocks: more than 50'];
  const ids = blocks.flatMap((block: Thing) => (block.block_id === undefined ? [] : [block.block_id]));
  const twice = new Set(ids).size < ids.length ? ['block_id: stands twice'] : [];
  return [...twice, ...blocks.flatMap((block: Thing, i) => wrongInBlock(block).map((wrong) => `${i}.${wrong}`))];
}

export function wrongInView(view: unknown): Wrong {
  const { type, title, submit, close, blocks, private_metadata, callback_id } = (view ?? {}) as Thing;
  return [
    ...(type === 'modal' ? [] : ['type']),
    ...[title, submit, close].flatMap((text) => wrongInText(text, 24, ['plain_text'])),
    ...wrongInBlocks(blocks),
    ...tooLong(private_metadata, 3_000, 'private_metadata'),
    ...tooLong(callback_id, 255, 'callback_id'),
  ];
}

const ANY = ['plain_text', 'mrkdwn'];

function wrongInBlock(block: Thing): Wrong {
  const id = tooLong(block.block_id ?? 'x', 255, 'block_id');
  switch (block.type) {
    case 'header':
      return [...id, ...wrongInText(block.text, 150, ['plain_text'])];
    case 'section': {
      const fields = (block.fields ?? []) as unknown[];
      const none = block.text === undefined && fields.length === 0 ? ['section: neither text nor fields'] : [];
      return [
        ...id,
        ...none,
        ...(block.text === undefined ? [] : wrongInText(block.text, 3_000, ANY)),
        ...(fields.length > 10 ? ['fields: more than 10'] : fields.flatMap((field) => wrongInText(field, 2_000, ANY))),
      ];
    }
    case 'context':
      return [...id, ...((block.elements ?? []) as unknown[]).flatMap((one) => wrongInText(one, 3_000, ANY))];
    case 'actions': {
      const elements = (block.elements ?? []) as Thing[];
      const names = elements.map(({ action_id }) => action_id);
      return [
        ...id,
        ...(elements.length === 0 || elements.length > 25 ? ['elements: 1 to 25'] : []),
        ...(new Set(names).size < names.length ? ['action_id: stands twice'] : []),
        ...elements.flatMap(wrongInElement),
      ];
    }
    case 'input':
      return [
        ...id,
        ...wrongInText(block.label, 2_000, ['plain_text']),
        ...wrongInElement((block.element ?? {}) as Thing),
      ];
    default:
      return [`type: ${String(block.type)}`];
  }
}

function wrongInElement(element: Thing): Wrong {
  const id = tooLong(element.action_id, 255, 'action_id');
  const options = (element.options ?? []) as Thing[];
  const wrongOptions = (most: number) => [
    ...(options.length === 0 || options.length > most ? ['options'] : []),
    ...options.flatMap(({ text, value }) => [...wrongInText(text, 75, ANY), ...tooLong(value, 150, 'value')]),
  ];
  switch (element.type) {
    case 'button':
      return [
        ...id,
        ...wrongInText(element.text, 75, ['plain_text']),
        ...tooLong(element.value ?? 'x', 2_000, 'value'),
      ];
    case 'users_select':
      return [...id, ...wrongInText(element.placeholder, 150, ['plain_text'])];
    case 'static_select':
      return [...id, ...wrongInText(element.placeholder, 150, ['plain_text']), ...wrongOptions(100)];
    case 'radio_buttons':
      return [...id, ...wrongOptions(10)];
    case 'plain_text_input':
      return [...id, ...(Number(element.max_length) > 3_000 ? ['max_length'] : [])];
    default:
      return [`element: ${String(element.type)}`];
  }
}

function wrongInText(text: unknown, most: number, types: readonly string[]): Wrong {
  const { type, text: words } = (text ?? {}) as Thing;
  if (!types.includes(String(type))) return [`text: ${String(type)}`];
  return tooLong(words, most, 'text');
}

function tooLong(text: unknown, most: number, name: string): Wrong {
  return typeof text === 'string' && text.length >= 1 && text.length <= most
    ? []
    : [`${name}: 1 to ${most} characters`];
}
