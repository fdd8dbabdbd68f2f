const COMMIT = /^[0-9a-f]{40}$/;

/** Whether a revision is a full commit hash, which never changes its meaning. */
export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}
