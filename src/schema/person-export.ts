/** The shape of an access export, for whoever reads one by program: docs/person-export.schema.json is made of it. */
import { z } from 'zod';
import { EXPORT_FORMAT, type PersonExport } from '../domain/person-export.ts';
import { CATEGORIES, LEGAL_BASES } from '../domain/privacy-policy.ts';

const row = z.record(z.string(), z.json()).describe('A row of the table: its columns by name, times as ISO 8601.');
const texts = z.array(z.string());

export const personExport: z.ZodType<PersonExport> = z
  .strictObject({
    format: z.literal(EXPORT_FORMAT),
    generatedAt: z.iso.datetime(),
    controller: z
      .strictObject({
        name: z.string(),
        contact: z.string(),
        complaint: z.strictObject({ authority: z.string(), url: z.string() }).describe('Art. 15(1)(f).'),
      })
      .describe('Who answers for the data.'),
    customerIds: texts.describe('Under these ids we know the person.'),
    sources: texts.describe('Where the data came from, Art. 15(1)(g).'),
    categories: z
      .array(
        z.strictObject({
          category: z.enum(CATEGORIES),
          description: z.string(),
          legalBases: z.array(z.enum(LEGAL_BASES)),
          purposes: texts.describe('What consent was asked for, where it rests on one.'),
          retention: z.string().describe('How long, Art. 15(1)(d).'),
          keep: z
            .array(z.strictObject({ why: z.string(), statute: z.string(), period: z.string(), from: z.string() }))
            .describe('Laws by which it is kept all the same, from which event, for which period.'),
          recipients: texts.describe('To whom it is passed on, Art. 15(1)(c).'),
          tables: z.record(z.string(), z.array(row)).describe('What we hold, by the table where it lies.'),
        }),
      )
      .describe('Art. 15(1)(b); every category, though nothing of it is held.'),
    runs: z
      .array(
        z.strictObject({
          workflowId: z.string(),
          runId: z.string(),
          startedAt: z.iso.datetime(),
          endedAt: z.iso.datetime().nullable(),
          status: z.string().describe('As Temporal names it, such as RUNNING or COMPLETED.'),
          flow: z.string().nullable().describe('Null of one that goes on from another run.'),
          given: z.json().describe('What it was started with.'),
          answers: z
            .array(z.strictObject({ at: z.iso.datetime(), by: z.enum(['http', 'task']), words: z.json() }))
            .describe('What came back to requests that it made, and to Tasks that waited for it.'),
          result: z.json(),
        }),
      )
      .describe('Flows that ran for the person without a ticket, by their histories.'),
    copies: texts.describe('Where else the same lies.'),
    rights: texts.describe('Art. 15(1)(e).'),
    automatedDecisions: z.string().describe('Art. 15(1)(h).'),
  })
  .describe('Everything that Steward holds of a person (Art. 15 GDPR).');
