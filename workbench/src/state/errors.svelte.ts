/** Errors that stay until they are dismissed, or until what failed has worked. */

export interface Fault {
  /** What failed: a later success of the same takes the fault away. */
  readonly source: string;
  /** The library's code, which has a page; undefined where there is none. */
  readonly code: string | undefined;
  readonly message: string;
}

class Errors {
  list = $state.raw<readonly Fault[]>([]);

  report(fault: Fault): void {
    this.list = [...this.list.filter(({ source }) => source !== fault.source), fault];
  }

  /** Takes away what `source` had reported. */
  clear(source: string): void {
    if (this.list.some((fault) => fault.source === source)) {
      this.list = this.list.filter((fault) => fault.source !== source);
    }
  }
}

export const errors = new Errors();
