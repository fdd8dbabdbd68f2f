/** Keeps the address and the selection in step. */
import { connection } from "./backend.svelte.js";
import { notices } from "./notices.svelte.js";
import { DEFAULTS, readLink, type View, writeLink } from "./permalink.js";
import { roomOf } from "./rooms.js";
import { selection } from "./selection.svelte.js";
import { showView, viewOf } from "./view.js";

/** Milliseconds: browsers refuse an address that changes too often. */
const PAUSE = 250;

/** What the link was made with; compared as soon as it is known here. */
let made: Pick<View, "model" | "digest" | "version"> | undefined;
/** The fragment that the selection stands for; one that was opened and could not be shown is kept until something changes. */
let written = "";

/** To be called once, while the page is set up. Ends with the component that calls it. */
export function followAddress(): void {
  open();
  written = writeLink(viewOf(selection)).hash;
  let room = selection.room;

  $effect(() => {
    const { hash, leftOut } = writeLink(viewOf(selection));
    const timer = setTimeout(() => {
      if (hash === written) return;
      written = hash;
      if (selection.room === room) history.replaceState(null, "", hash);
      else history.pushState(null, "", hash);
      room = selection.room;
      if (leftOut.length === 0) notices.clear("link-size");
      else
        notices.show("link-size", `The address is too long to hold everything: it holds not all ${listed(leftOut)}.`);
    }, PAUSE);
    return () => {
      clearTimeout(timer);
    };
  });

  $effect(() => {
    const reopen = (): void => {
      if (location.hash === written) return;
      open();
      written = location.hash;
      room = selection.room;
    };
    // Going back and forth gives "popstate"; a link that is typed or pasted, "hashchange" too.
    addEventListener("popstate", reopen);
    addEventListener("hashchange", reopen);
    return () => {
      removeEventListener("popstate", reopen);
      removeEventListener("hashchange", reopen);
    };
  });

  $effect(compareModels);
}

/** The address of what is seen now. */
export function currentLink(): string {
  return location.href.replace(/#.*$/, "") + writeLink(viewOf(selection)).hash;
}

function open(): void {
  const link = readLink(location.hash);
  for (const id of ["link", "link-model", "link-version"]) notices.clear(id);
  if (link.kind === "newer") {
    const by = link.version === undefined ? "a newer Vitrine" : `Vitrine ${link.version}`;
    notices.show(
      "link",
      `This link was made by ${by}, and cannot be read by this one. Update Vitrine, then open it again.`,
    );
  } else if (link.kind === "damaged") {
    notices.show("link", `This link is damaged: ${link.why}. Ask for it again, or begin with a sample.`);
  } else if (link.kind === "view") {
    if (roomOf(link.view.room) === undefined) {
      notices.show(
        "link",
        `There is no room “${link.view.room}” here. Choose another on the left; the rest of the link is restored.`,
      );
    }
    made = link.view;
    if (isRoomOnly(link.view)) selection.room = roomOf(link.view.room)?.id ?? "start";
    else showView(selection, link.view);
    if (link.leftOut.length > 0) {
      notices.show(
        "link",
        `This link does not hold everything that was seen: it was too long for all ${listed(link.leftOut)}.`,
      );
    }
  }
}

/** `#heads`: the room changes and nothing else. */
function isRoomOnly({ pictures, texts, model }: View): boolean {
  return pictures.length === 0 && texts.length === 0 && model === DEFAULTS.model && !location.hash.includes("?");
}

function compareModels(): void {
  const info = selection.opened;
  if (made === undefined || info === undefined) return;
  const { model, digest, version } = made;
  const here = connection.surroundings?.version;
  if (info.ref !== model) {
    notices.clear("link-model");
    return;
  }
  if (digest !== undefined && !info.digest.startsWith(digest)) {
    const [there, now] = [digest.slice(0, 12), info.digest.slice(0, 12)];
    notices.show(
      "link-model",
      `This link was made with other weights of ${model} (${there}; here they are ${now}), so its numbers will differ.`,
    );
  }
  if (version !== undefined && here !== undefined && version !== here) {
    notices.show("link-version", `This link was made with Vitrine ${version}; this is ${here}. Numbers may differ.`);
  }
}

function listed(parts: readonly string[]): string {
  return parts.join(" and ");
}
