/** The file of hosts that flows may call: each field in order by itself, then what is wrong between them. */
import { z } from 'zod';
import type { Problem } from '../domain/errors.ts';
import { isFreeHeader as isFree } from '../domain/http-call.ts';
import { amount, listOf, namedTwice, object, oneOf, settingName } from './policy-fields.ts';

const HOST_WORDS =
  'a host as it stands in a web address, such as api.carrier.example or 127.0.0.1:4000, and nothing else of it';
const host = z.string({ error: HOST_WORDS }).refine(isHost, { error: HOST_WORDS });
/** What `new URL` makes of it is what a request is compared with: the usual port is none, and letters are small. */
function isHost(text: string): boolean {
  if (text.includes('*')) return false;
  return (
    URL.canParse(`https://${text}/`) &&
    [`https://${text}/`, `http://${text}/`].some((url) => new URL(url).host === text)
  );
}

const HEADER_WORDS =
  'names of headers in small letters, each with the setting that holds what is sent, such as { authorization: CARRIER_LOGIN }';
const header = z
  .string({ error: HEADER_WORDS })
  .refine((name) => name === name.toLowerCase() && isFree(name), { error: HEADER_WORDS });

export const httpPolicy = object({
  hosts: listOf(
    object({
      host,
      secretEnv: z
        .union([settingName, z.array(settingName).min(1).max(3)], {
          error: "a setting's name such as CARRIER_SECRET, or a list of up to three while one takes another's place",
        })
        .transform((given): readonly string[] => (typeof given === 'string' ? [given] : given))
        .default([]),
      headersEnv: z.record(header, settingName, { error: HEADER_WORDS }).default({}),
      addresses: oneOf(['public', 'any']).default('public'),
    }),
    'hosts',
  ).max(200, { error: 'at most 200 hosts' }),
  timeout: amount.refine((ms) => ms <= 60_000, { error: 'at most 1 min' }).default(30_000),
});
export type HttpPolicyFile = z.output<typeof httpPolicy>;

export function httpContradictions({ hosts }: HttpPolicyFile): Problem[] {
  return namedTwice(
    hosts.map((one) => one.host),
    (i) => `hosts.${i}.host`,
  );
}
