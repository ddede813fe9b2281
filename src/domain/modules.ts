/** What a flow's Task states can call. */
export const MODULES = ['analyzeTicket', 'resolveWithBot', 'escalateToAgent', 'sendWelcomeEmail'] as const;
export type ModuleName = (typeof MODULES)[number];

/** The module that gathers facts; its result replaces `$`. */
export const ANALYZE: ModuleName = 'analyzeTicket';
