import type { Generated, GeneratedAlways } from 'kysely';
import type { Stop, Watched, Way } from '../domain/circuit.ts';
import type { IncidentOccasion } from '../domain/incident.ts';

/** The tables of migration 0023, with what 0037 adds. */
export interface HealingSchema {
  provider_circuits: {
    provider: Watched;
    failures: number;
    successes: number;
    window_began: Date;
    last_failure_at: Date;
  };
  provider_incidents: {
    id: GeneratedAlways<string>;
    provider: Watched;
    reason: string;
    opened_at: Generated<Date>;
    used: Generated<number>;
    unhelped: Generated<number>;
    stopped_at: Date | null;
    stopped_why: Stop | null;
    probes: Generated<number>;
    good_probes: Generated<number>;
    pause_ms: string;
    probe_at: Date;
    last_probe: string | null;
    closed_at: Date | null;
    closed_by: string | null;
    over_at: Date | null;
    watched_until: Generated<Date>;
  };
  incident_messages: {
    incident_id: string;
    occasion: IncidentOccasion;
    recipient_id: string;
    channel: Way;
    status: 'sending' | 'sent' | 'unknown' | 'failed';
    attempts: Generated<number>;
    reason: string | null;
    updated_at: Generated<Date>;
  };
  degraded_tickets: {
    ticket_id: string;
    provider: Watched;
    at: Generated<Date>;
    again_at: Date | null;
    looks: Generated<number>;
    settled_at: Date | null;
  };
}
