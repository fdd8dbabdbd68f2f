/** Which dialog is open. */
export type DialogName = "palette" | "go-to" | "help" | "error";

class Dialogs {
  current = $state<DialogName | undefined>(undefined);

  /** The error that is explained. */
  code = $state("");

  explain(code: string): void {
    this.code = code;
    this.current = "error";
  }

  open(name: DialogName): true {
    this.current = name;
    return true;
  }

  close(): void {
    this.current = undefined;
  }
}

export const dialogs = new Dialogs();
