/** Which dialog is open; its code is loaded when it first is. */
export type DialogName = "palette" | "go-to" | "help";

class Dialogs {
  current = $state<DialogName | undefined>(undefined);

  open(name: DialogName): true {
    this.current = name;
    return true;
  }

  close(): void {
    this.current = undefined;
  }
}

export const dialogs = new Dialogs();
