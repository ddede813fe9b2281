import type { People } from '../deps-tasks.ts';
import type { Team } from './team.ts';

/** Whom a name of an audience means: an agent, a team, the admins, or everybody who works here. */
export function createPeople(team: Pick<Team, 'agent' | 'agents' | 'admins'>): People {
  return {
    named(name) {
      if (name === 'everybody') return team.agents.map(({ id }) => id);
      if (name === 'admins') return team.admins;
      if (!name.startsWith('team/')) return team.agent(name) && [name];
      const members = team.agents.filter(({ teams }) => teams.includes(name.slice('team/'.length)));
      return members.length > 0 ? members.map(({ id }) => id) : undefined;
    },
  };
}
