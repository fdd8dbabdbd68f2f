/** The models that lie beside the page. */
import {
  checkMaker,
  type Clip,
  loadClipFromBytes,
  loadGeneratorFromBytes,
  loadVlmFromBytes,
  prepareRuntime,
  UnknownModelError,
} from "vitrine/browser";
import {
  type JobControl,
  type ModelEntry,
  type Models,
  type OpenGenerator,
  type OpenModel,
  share,
  type SharedWork,
} from "vitrine/jobs";
import { askForFile, request, type SiteFile } from "./fetch-file";

/** One of `models/index.json`. */
interface SiteModel extends ModelEntry {
  readonly files: readonly SiteFile[];
}

/** `base` is where the site lies. Models are fetched when first opened, and stay open. */
export function siteModels(base: URL, device: Clip["device"]): Models {
  const folder = new URL("models/", base);
  const opened = new Map<string, SharedWork<OpenModel>>();
  const makers = new Map<string, SharedWork<OpenGenerator>>();
  let listed: Promise<readonly SiteModel[]> | undefined;

  const list = (): Promise<readonly SiteModel[]> => {
    listed ??= request(new URL("index.json", folder), new AbortController().signal)
      .then((response) => response.json() as Promise<readonly SiteModel[]>)
      .catch((error: unknown) => {
        listed = undefined;
        throw error;
      });
    return listed;
  };

  const find = async (ref: string, makes: boolean): Promise<SiteModel> => {
    const entries = await list();
    const model = entries.find((entry) => entry.ref === ref);
    if (model === undefined) {
      throw new UnknownModelError(
        ref,
        entries.filter(({ kind }) => (kind === "generator") === makes).map((entry) => entry.ref),
        "choose one of these, or open it with `vitrine serve`",
      );
    }
    checkMaker(model, makes);
    return model;
  };
  const folderOf = (ref: string): URL => new URL(`${ref}/`, folder);

  const models: Models = {
    async list() {
      const entries = await list();
      return entries.map(({ ref, summary, size, kind }) => ({ ref, summary, size, kind }));
    },
    async open(ref, control) {
      const model = await find(ref, false);
      return share(opened, ref, control, (shared) => load(model, folderOf(ref), device, models, shared));
    },
    async openGenerator(ref, control) {
      const model = await find(ref, true);
      return share(makers, ref, control, (shared) => loadMaker(model, folderOf(ref), shared));
    },
  };
  return models;
}

/** `others` has the vision towers of models that describe pictures. */
async function load(
  model: SiteModel,
  folder: URL,
  device: Clip["device"],
  others: Models,
  control: JobControl,
): Promise<OpenModel> {
  const { named, digest } = await filesOf(model, folder, device, control);
  if (model.kind === "clip") return { clip: await loadClipFromBytes(model.ref, named, { device }), digest };
  const openTower = async (ref: string): Promise<Clip> => (await others.open(ref, control)).clip;
  const vlm = await loadVlmFromBytes(model.ref, named, openTower, { device });
  return { clip: vlm.parts.tower, vlm, digest };
}

/** Generators run on the CPU alone. */
async function loadMaker(model: SiteModel, folder: URL, control: JobControl): Promise<OpenGenerator> {
  const { named, digest } = await filesOf(model, folder, "cpu", control);
  return { ...(await loadGeneratorFromBytes(model.ref, named)), digest };
}

interface FetchedFiles {
  readonly named: Readonly<Record<string, Uint8Array<ArrayBuffer>>>;
  /** Of the weights. */
  readonly digest: string;
}

async function filesOf(
  model: SiteModel,
  folder: URL,
  device: Clip["device"],
  control: JobControl,
): Promise<FetchedFiles> {
  const total = model.files.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const onBytes = (count: number): void => {
    done += count;
    control.progress({ stage: `fetching ${model.ref}`, done, total, unit: "bytes" });
  };
  const coming = await Promise.all(
    model.files.map((file) => askForFile(new URL(file.name, folder), file, control.signal, onBytes)),
  );
  // That holds this thread up for a while: time for the files to come. Whoever needs it first is told if it fails.
  prepareRuntime(device).catch(() => undefined);
  const files = await Promise.all(coming.map(async ({ bytes }, i) => [model.files[i]!.name, await bytes] as const));
  const weights = model.files.find(({ name }) => name.endsWith(".safetensors"));
  return { named: Object.fromEntries(files), digest: weights?.sha256 ?? "" };
}
