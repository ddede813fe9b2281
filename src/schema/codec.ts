import { z } from 'zod';

const base64 = z.string('text in Base64').regex(/^[A-Za-z0-9+/_-]*={0,2}$/, 'text in Base64');

/** What Temporal's Web UI and CLI send to a codec server: payloads as proto3's JSON has them. */
export const codecBody = z.object(
  {
    payloads: z
      .array(
        z.looseObject(
          {
            metadata: z.record(z.string(), base64, 'an object of texts in Base64').default({}),
            data: base64.default(''),
          },
          'an object with metadata and data',
        ),
        'a list of payloads',
      )
      .max(5_000, 'at most 5000 payloads'),
  },
  'an object with payloads',
);
export type CodecBody = z.output<typeof codecBody>;
