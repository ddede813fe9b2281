import { Secret } from '../../src/secret.ts';

/** Signs links, and keys the digests of persons. */
export const LINK_SECRET = new Secret('a secret of tests, 32 letters or more');
