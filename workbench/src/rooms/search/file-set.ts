/** Files as a set to search: handed over and read some at a time, so that none need stay decoded. */
import { codeOf, connection, isAbort, messageOf, runJob } from "../../state/backend.svelte.js";
import { errors } from "../../state/errors.svelte.js";
import { type SetPicture, settings } from "./settings.svelte.js";

/** As many as a search takes. */
const MOST = 2_000;
const AT_ONCE = 8;
const PICTURES = /\.(?:jpe?g|png|webp|avif|gif|tiff?|bmp)$/i;

const isPicture = ({ type, name }: File): boolean => type.startsWith("image/") || PICTURES.test(name);

/** Files that cannot be read are left out and said in the error bar. */
export async function addToSet(files: readonly File[], model: string, signal: AbortSignal): Promise<void> {
  const pictures = files.filter(isPicture).slice(0, Math.max(0, MOST - settings.files.length));
  const failed: string[] = [];
  for (let start = 0; start < pictures.length; start += AT_ONCE) {
    const added: SetPicture[] = [];
    for (const file of pictures.slice(start, start + AT_ONCE)) {
      signal.throwIfAborted();
      try {
        const { id } = await connection.addPicture(new Uint8Array(await file.arrayBuffer()));
        added.push({ id, name: file.name });
      } catch (error) {
        if (isAbort(error) || codeOf(error) === "lost") throw error;
        failed.push(`${file.name}: ${messageOf(error)}`);
      }
    }
    const fresh = added.filter(({ id }, i) => {
      const known = settings.files.some((one) => one.id === id);
      return !known && added.findIndex((one) => one.id === id) === i;
    });
    if (fresh.length === 0) continue;
    const title = `Reading your pictures, ${Math.min(pictures.length, start + AT_ONCE)} of ${pictures.length}`;
    await runJob("read-pictures", { model, pictures: fresh.map(({ id }) => id) }, { signal, title });
    settings.files = [...settings.files, ...fresh];
  }
  report(files.length, pictures.length, failed);
}

function report(given: number, taken: number, failed: readonly string[]): void {
  const said = [
    ...(given > taken
      ? [`Left out ${given - taken} of ${given} files: no pictures, or more than the ${MOST} that a set holds.`]
      : []),
    ...(failed.length > 0 ? [`${failed.length} could not be read; the first: ${failed[0]!}`] : []),
  ];
  // The connection's own message would be of one file only.
  errors.clear("picture");
  if (said.length > 0) errors.report({ source: "picture", code: undefined, message: said.join(" ") });
}

/** All files of what was dropped, those in folders too. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<File[]> {
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...files];
  return (await Promise.all(entries.map(filesOf))).flat();
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    return [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: File[] = [];
  for (;;) {
    // A folder is read some entries at a time, until none come.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await filesOf(inner)));
  }
}
