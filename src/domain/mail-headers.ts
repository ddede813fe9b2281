/** Header values by lower-case name, unfolded, in the order they came. */
export type MailHeaders = Readonly<Record<string, readonly string[]>>;
