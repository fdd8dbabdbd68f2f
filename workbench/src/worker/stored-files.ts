/** Files kept in the browser's private file system (OPFS), by the SHA-256 of their content. Without such a file system, nothing is kept. */
import { sha256 } from "vitrine/browser";

const FOLDER = "vitrine-files";

/** The file with this digest, or undefined where it is not kept. */
export async function storedFile(digest: string): Promise<File | undefined> {
  try {
    return await (await (await folder()).getFileHandle(digest)).getFile();
  } catch {
    return undefined;
  }
}

/** The file's bytes, or undefined where they cannot be read or are no longer what they were. */
export async function readStored(file: File, digest: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    return (await sha256(bytes)) === digest ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a file if it can be kept: a full disk or a private window is no reason not to go on. */
export async function storeFile(digest: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  try {
    const handle = await (await folder()).getFileHandle(digest, { create: true });
    const access = await handle.createSyncAccessHandle();
    try {
      access.truncate(0);
      access.write(bytes);
      access.flush();
    } finally {
      access.close();
    }
  } catch {
    // Another tab may be writing the same file.
  }
}

async function folder(): Promise<FileSystemDirectoryHandle> {
  return (await navigator.storage.getDirectory()).getDirectoryHandle(FOLDER, { create: true });
}
