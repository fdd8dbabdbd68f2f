/** What page and worker say to one another. */
import type { Progress } from "vitrine/jobs";
import type { Surroundings } from "../backend/backend";

export type ToWorker =
  | {
      readonly kind: "start";
      /** Where the site lies. */ readonly base: string;
      readonly device: Surroundings["device"];
      /** A lock that the worker holds for as long as it lives. */
      readonly life: string;
    }
  | { readonly kind: "run"; readonly id: number; readonly name: string; readonly params: unknown }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "picture"; readonly id: number; readonly bytes: Uint8Array };

export type FromWorker =
  | { readonly kind: "started"; readonly surroundings: Surroundings }
  | { readonly kind: "progress"; readonly id: number; readonly progress: Progress }
  | { readonly kind: "done"; readonly id: number; readonly result: unknown }
  | { readonly kind: "failed"; readonly id: number; readonly message: string; readonly code: string };
