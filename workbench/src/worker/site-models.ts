/** The models that lie beside the page. */
import { type Clip, loadClipFromBytes, UnknownModelError } from "vitrine/browser";
import type { JobControl, ModelEntry, Models, OpenModel } from "vitrine/jobs";
import { fetchFile, request, type SiteFile } from "./fetch-file";

/** One of `models/index.json`. */
interface SiteModel extends ModelEntry {
  readonly files: readonly SiteFile[];
}

/** `base` is where the site lies. Models are fetched when first opened, and stay open. */
export function siteModels(base: URL, device: Clip["device"]): Models {
  const folder = new URL("models/", base);
  const opened = new Map<string, Promise<OpenModel>>();
  let listed: Promise<readonly SiteModel[]> | undefined;

  const list = (signal: AbortSignal): Promise<readonly SiteModel[]> => {
    listed ??= request(new URL("index.json", folder), signal)
      .then((response) => response.json() as Promise<readonly SiteModel[]>)
      .catch((error: unknown) => {
        listed = undefined;
        throw error;
      });
    return listed;
  };

  return {
    async list() {
      const models = await list(new AbortController().signal);
      return models.map(({ ref, summary, size }) => ({ ref, summary, size }));
    },
    async open(ref, control) {
      const models = await list(control.signal);
      const model = models.find((entry) => entry.ref === ref);
      if (model === undefined) {
        throw new UnknownModelError(
          ref,
          models.map((entry) => entry.ref),
          "choose one of these, or open it with `vitrine serve`",
        );
      }
      const open = opened.get(ref) ?? load(model, new URL(`${ref}/`, folder), device, control);
      opened.set(ref, open);
      return open.catch((error: unknown) => {
        if (opened.get(ref) === open) opened.delete(ref);
        throw error;
      });
    },
  };
}

async function load(model: SiteModel, folder: URL, device: Clip["device"], control: JobControl): Promise<OpenModel> {
  const total = model.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    control.progress({ stage: `fetching ${model.ref}`, done, total, unit: "bytes" });
  };
  const files = await Promise.all(
    model.files.map(
      async (file) => [file.name, await fetchFile(new URL(file.name, folder), file, control.signal, onBytes)] as const,
    ),
  );
  const weights = model.files.find(({ name }) => name.endsWith(".safetensors"));
  return {
    clip: await loadClipFromBytes(model.ref, Object.fromEntries(files), { device }),
    digest: weights?.sha256 ?? "",
  };
}
