/** What is set side by side; kept while the page lives, and held by links. */
import { type LinkSettings, oneOf, unusual } from "../../state/link-settings.js";

const COMPARED = ["pictures", "models", "edit"] as const;
export type Compared = (typeof COMPARED)[number];

class Choice {
  /** Undefined until somebody chooses: then an edit is compared where there is one, else two pictures. */
  what = $state<Compared | undefined>(undefined);
  /** The model that the page's model is compared with. */
  model = $state<string | undefined>(undefined);

  write(): LinkSettings {
    return unusual({ what: [this.what], model: [this.what === "models" ? this.model : undefined] });
  }

  read(link: LinkSettings): void {
    this.what = oneOf(link["what"], COMPARED);
    this.model = link["model"];
  }
}

export const choice = new Choice();
