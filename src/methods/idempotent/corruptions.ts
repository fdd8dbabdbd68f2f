/** Names of the ways to damage pictures; apart from the code, so that a command line can list them and load nothing. */
export const CORRUPTIONS = ["noise", "blur", "mask", "sketch", "grey"] as const;
export type Corruption = (typeof CORRUPTIONS)[number];

/** Those of which there can be more or less. */
export const GRADED: readonly Corruption[] = ["noise", "blur", "mask"];
export const MOST_STRENGTH = 4;
