/** The part of the register of personal data that proofs of our own work are: flows, requests, the audit log, monthly audits. */
import {
  CUSTOMER_ID,
  keep,
  LABEL,
  NO_PERSON,
  NOBODY,
  OF_RUN,
  OUR_ID,
  STAFF,
  type Table,
  TIME,
} from './personal-data-parts.ts';

export const RECORDS: Readonly<Record<string, Table>> = {
  flow_versions: { ...NOBODY, columns: keep(NO_PERSON, 'name version definition kept_at read_at') },
  flow_deployments: {
    category: 'staff',
    reach: null,
    columns: keep(
      'who of us deployed what',
      'name number kind version base_version percent watch_ms min_tickets made_by why made_at',
    ),
  },
  run_messages: {
    category: 'deliveries',
    reach: { by: 'key', column: 'workflow_id' },
    columns: {
      provider_message_id: ['erase', 'leads to the message at the provider, and to its file in the outbox'],
      recipient_id: ['pseudonymise', `${CUSTOMER_ID}, where the customer is the recipient; else who of us`, 'identity'],
      ...OF_RUN,
      ...keep('a state of the flow', 'occasion'),
      ...keep(OUR_ID, 'id'),
      ...keep(LABEL, 'recipient_kind channel transport status attempts repeats reason'),
      ...keep(TIME, 'not_before created_at updated_at'),
    },
  },
  erasures: {
    category: 'requestRecord',
    reach: null,
    columns: {
      sealed: ['erase', 'the address that was given, under a key of its own that is destroyed at the end'],
      particulars: ['erase', 'what is known of the person until the shred, under that key'],
      code_digest: ['erase', 'an HMAC of a code of ten minutes'],
      subject_ref: ['keep', 'the random name of the person; nobody knows whose it is'],
      ...keep(OUR_ID, 'id superseded_by'),
      ...keep(STAFF, 'requested_by requester voucher ruled_by', 'staff'),
      ...keep('what the person was told; whoever writes it names nobody in it', 'ruling_reason extension_reason'),
      ...keep(LABEL, 'via state code_attempts codes_sent proved_by decision approval outcome still_kept kept_ended'),
      ...keep(TIME, 'received_at code_expires_at proved_at asserted_at due_at extended_to ended_at erased_at'),
    },
  },
  erasure_steps: {
    category: 'requestRecord',
    reach: null,
    columns: keep('what was done, in counts', 'erasure_id step receipt at'),
  },
  erasure_mails: {
    category: 'requestRecord',
    reach: null,
    columns: keep('that a mail went out, not to whom', 'erasure_id occasion status attempts updated_at'),
  },
  erasure_recipients: {
    category: 'requestRecord',
    reach: null,
    columns: {
      notice: ['erase', 'what a recipient has still to be told, under a key of its own that is destroyed with it'],
      ...keep(
        'who was told, of whom nobody knows any more',
        'erasure_id recipient kind status attempts reason updated_at',
      ),
    },
  },
  erasure_fingerprints: {
    category: 'requestRecord',
    reach: null,
    columns: {
      fingerprint: [
        'keep',
        'keyed, and the key lies outside of the databases until the window ends; then it fits nothing',
      ],
      ...keep(LABEL, 'erasure_id kind'),
    },
  },
  erasure_findings: {
    category: 'requestRecord',
    reach: null,
    columns: keep('where something was found, not what', 'erasure_id look store place kind at'),
  },
  erasure_assertions: {
    category: 'requestRecord',
    reach: null,
    columns: {
      digest: [
        'erase',
        'an HMAC of the platform’s word for the person; goes with the person, or with the next one when its time is over',
      ],
      ...keep(OUR_ID, 'erasure_id'),
      ...keep(TIME, 'until'),
    },
  },
  request_limits: {
    category: 'requestRecord',
    reach: null,
    columns: {
      bucket: ['erase', 'an HMAC of the address and the day; goes with the day, or with the person'],
      ...keep(LABEL, 'day count'),
    },
  },
  audit_entries: {
    category: 'requestRecord',
    reach: null,
    columns: {
      ...keep(
        'what was done to which ticket, by a workflow or by somebody who works here; never a customer’s id or words',
        'actor_kind actor_id action object why before after',
      ),
      ...keep(OUR_ID, 'id'),
      ...keep(TIME, 'at'),
    },
  },
  audit_chain: { ...NOBODY, columns: keep('hashes over entries that name nobody', 'position entry_id hash') },
  audit_unplaced: { ...NOBODY, columns: keep(NO_PERSON, 'entry_id') },
  monthly_audits: {
    ...NOBODY,
    columns: keep(
      'figures of a month, with requests by their random ids',
      'month figures sha256 html workflows made_at',
    ),
  },
  monthly_audit_runs: {
    ...NOBODY,
    columns: keep('whether the same figures came out again', 'month run_id outcome differences at'),
  },
  monthly_audit_mails: {
    category: 'staff',
    reach: null,
    columns: keep('which officer was told', 'month officer_id occasion status attempts updated_at'),
  },
};
