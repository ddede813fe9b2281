/**
 * The import law: arrows point at `domain`. `npm run law` checks it, and test/law shows that the check can fail.
 * Each layer names what it may import; what is not named is forbidden.
 */

/** A layer may import these paths of src, these packages, and (where told) modules of Node. */
function layer(name, from, { may, types = [], packages = [], node = false, comment }) {
  const own = packages.map((name) => `^node_modules/(@types/)?${name}/`);
  const allowed = [...may, ...own];
  const rules = [
    {
      name: `${name}-sees-only`,
      comment,
      severity: 'error',
      from: { path: from },
      to: {
        pathNot: [...allowed, ...types],
        dependencyTypesNot: ['core'],
        // no-unknown-imports speaks of those.
        couldNotResolve: false,
      },
    },
  ];
  if (types.length > 0) {
    rules.push({
      name: `${name}-sees-as-type-only`,
      comment,
      severity: 'error',
      from: { path: from },
      to: { path: types, pathNot: allowed, dependencyTypesNot: ['type-only'] },
    });
  }
  if (!node) {
    rules.push({
      name: `${name}-touches-no-node-module`,
      comment,
      severity: 'error',
      from: { path: from },
      to: { dependencyTypes: ['core'] },
    });
  }
  return rules;
}

/** They compute, and touch neither network, files, clock nor chance. */
const PURE_PACKAGES = ['json-p3', '@noble/hashes', '@scure/base'];
const TEMPORAL_TYPES = ['@temporalio/common', '@temporalio/workflow'];
const PROCESSES = '^src/(worker|gateway|cli)\\.ts$|^src/embedded/(main|demo|reset|fetch-temporal)\\.ts$';
// The composition root, and its parts where one file grows too long.
const COMPOSE = '^src/compose(|-[a-z]+|-erasure-desk)\\.ts$';
const ANY_PACKAGE = '^node_modules/';

module.exports = {
  forbidden: [
    ...layer('domain', '^src/domain/', {
      may: ['^src/domain/'],
      comment: 'Decisions are pure: no package, no Node module; time is an argument.',
    }),
    ...layer('flow', '^src/flow/', {
      may: ['^src/flow/', '^src/domain/'],
      packages: PURE_PACKAGES,
      comment: 'The Amazon States Language is pure: effects are passed in, and its packages touch nothing.',
    }),
    ...layer('jsonata', '^src/jsonata/', {
      may: ['^src/jsonata/', '^src/domain/', '^src/flow/(failure|evaluation)\\.ts$'],
      packages: ['jsonata', 're2js'],
      node: true,
      comment: 'JSONata is evaluated outside workflows: by the clock, and by an interpreter that is not ours.',
    }),
    ...layer('contract', '^src/contract(|-flow|-tasks)\\.ts$', {
      may: ['^src/domain/', '^src/flow/'],
      packages: TEMPORAL_TYPES,
      comment: 'The page both sides sign is read by workflows and clients alike.',
    }),
    ...layer(
      'deps',
      '^src/deps(|-assignments|-audits|-directory|-erasure|-erasure-store|-flow|-flows|-healing|-http|-keys|-messages|-notices|-parked|-retention|-run-messages|-summaries|-tasks|-webhooks)\\.ts$',
      {
        may: [
          '^src/domain/',
          '^src/flow/',
          '^src/contract(|-flow|-tasks)\\.ts$',
          '^src/deps(|-assignments|-audits|-directory|-erasure|-erasure-store|-flow|-flows|-healing|-http|-keys|-messages|-notices|-parked|-retention|-run-messages|-summaries|-tasks|-webhooks)\\.ts$',
        ],
        comment: 'The outside world as interfaces, so without anything concrete.',
      },
    ),
    ...layer('workflows', '^src/workflows/', {
      may: ['^src/workflows/', '^src/domain/', '^src/flow/', '^src/contract(|-flow|-tasks)\\.ts$'],
      types: [
        '^src/activities/',
        '^src/deps(|-assignments|-audits|-directory|-erasure|-erasure-store|-flow|-flows|-healing|-http|-keys|-messages|-notices|-parked|-retention|-run-messages|-summaries|-tasks|-webhooks)\\.ts$',
      ],
      packages: TEMPORAL_TYPES,
      comment: 'Workflows are deterministic; they know activities as a type only.',
    }),
    ...layer('activities', '^src/activities/', {
      may: [
        '^src/activities/',
        '^src/domain/',
        '^src/flow/',
        '^src/jsonata/',
        '^src/contract(|-flow|-tasks)\\.ts$',
        '^src/deps(|-assignments|-audits|-directory|-erasure|-erasure-store|-flow|-flows|-healing|-http|-keys|-messages|-notices|-parked|-retention|-run-messages|-summaries|-tasks|-webhooks)\\.ts$',
        '^src/schema/',
      ],
      packages: ['@temporalio/common', '@temporalio/activity'],
      node: true,
      comment: 'Activities see the outside world by the interfaces of deps.ts, never store or adapters.',
    }),
    ...layer('schema', '^src/schema/', {
      may: ['^src/schema/', '^src/domain/', '^src/flow/', '^src/contract(|-flow|-tasks)\\.ts$'],
      packages: ['zod'],
      comment: 'Schemas check what comes in at the edges.',
    }),
    ...layer('store', '^src/store/', {
      may: [
        '^src/store/',
        '^src/cipher\\.ts$',
        '^src/domain/',
        '^src/flow/',
        '^src/contract(|-flow|-tasks)\\.ts$',
        '^src/deps(|-assignments|-audits|-directory|-erasure|-erasure-store|-flow|-flows|-healing|-http|-keys|-messages|-notices|-parked|-retention|-run-messages|-summaries|-tasks|-webhooks)\\.ts$',
        '^src/http/deps\\.ts$',
        ANY_PACKAGE,
      ],
      node: true,
      comment: 'The store serves the interfaces of deps.ts and knows nobody else.',
    }),
    ...layer('adapters', '^src/adapters/', {
      may: [
        '^src/adapters/',
        '^src/cipher\\.ts$',
        '^src/domain/',
        '^src/flow/',
        '^src/contract(|-flow|-tasks)\\.ts$',
        '^src/deps(|-assignments|-audits|-directory|-erasure|-erasure-store|-flow|-flows|-healing|-http|-keys|-messages|-notices|-parked|-retention|-run-messages|-summaries|-tasks|-webhooks)\\.ts$',
        '^src/http/deps\\.ts$',
        '^src/schema/',
        '^src/secret\\.ts$',
        '^src/yaml\\.ts$',
        ANY_PACKAGE,
      ],
      node: true,
      comment: 'An adapter serves an interface of deps.ts and knows nobody else; what it reads it checks by a schema.',
    }),
    ...layer('http', '^src/http/', {
      may: [
        '^src/http/',
        '^src/domain/',
        '^src/flow/',
        '^src/contract(|-flow|-tasks)\\.ts$',
        '^src/client\\.ts$',
        '^src/erasure-requests\\.ts$',
        '^src/human-tasks\\.ts$',
        '^src/schema/',
        ANY_PACKAGE,
      ],
      types: [
        '^src/deps(|-assignments|-audits|-directory|-erasure|-erasure-store|-flow|-flows|-healing|-http|-keys|-messages|-notices|-parked|-retention|-run-messages|-summaries|-tasks|-webhooks)\\.ts$',
      ],
      node: true,
      comment: 'HTTP is an edge: it is given what it works with.',
    }),
    {
      name: 'only-compose-knows-concrete-things',
      severity: 'error',
      from: { path: '^src/', pathNot: `${COMPOSE}|^src/(store|adapters)/` },
      to: { path: '^src/(store|adapters)/', pathNot: '^src/store/migrate\\.ts$' },
    },
    {
      name: 'only-compose-and-the-local-stack-migrate',
      severity: 'error',
      from: { path: '^src/', pathNot: `${COMPOSE}|^src/(store|embedded)/` },
      to: { path: '^src/store/migrate\\.ts$' },
    },
    {
      name: 'nobody-needs-the-local-stack',
      comment: 'It is for the first day and the tests; in production it is not there.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/embedded/' },
      to: { path: '^src/embedded/' },
    },
    {
      name: 'jsonata-is-for-activities-and-the-command-line',
      comment: 'Whoever else needs it is given it; in a workflow it would be neither deterministic nor short.',
      severity: 'error',
      from: { path: '^src/', pathNot: `${COMPOSE}|^src/(jsonata|activities|cli)/` },
      to: { path: '^src/jsonata/' },
    },
    {
      name: 'nothing-imports-a-process',
      severity: 'error',
      from: {},
      to: { path: PROCESSES },
    },
    {
      name: 'zod-at-the-edges-only',
      severity: 'error',
      from: { path: '^src/(domain|flow|workflows|contract|deps)' },
      to: { path: '^src/schema/|^node_modules/zod/' },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-unknown-imports',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-development-packages-at-run-time',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/embedded/fetch-temporal\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // Types count too: without this an `import type` would be invisible.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    doNotFollow: { path: 'node_modules' },
  },
};
