/** What is set side by side. */
export type Compared = "pictures" | "models" | "edit";

class Choice {
  /** Undefined until somebody chooses: then an edit is compared where there is one, else two pictures. */
  what = $state<Compared | undefined>(undefined);
  /** The model that the page's model is compared with. */
  model = $state<string | undefined>(undefined);
}

export const choice = new Choice();
