/** What a user should know but need not act upon; stays until it is dismissed or no longer true. */

export interface Notice {
  readonly id: string;
  readonly text: string;
}

class Notices {
  list = $state.raw<readonly Notice[]>([]);

  show(id: string, text: string): void {
    this.list = [...this.list.filter((one) => one.id !== id), { id, text }];
  }

  clear(id: string): void {
    if (this.list.some((one) => one.id === id)) this.list = this.list.filter((one) => one.id !== id);
  }
}

export const notices = new Notices();
