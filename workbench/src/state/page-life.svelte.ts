/** Other tabs, and a page that was left while it worked. */
import { notices } from "./notices.svelte.js";
import { tasks } from "./tasks.svelte.js";

const CHANNEL = "vitrine";
const STORED = "vitrine.unfinished";

interface Word {
  readonly from: string;
  readonly says: "hello" | "here" | "bye";
}

/** To be called once, while the page is set up. */
export function followPageLife(): void {
  $effect(() => {
    sayWhatWasUnfinished();
    const leave = (): void => {
      const titles = tasks.list.map(({ title }) => title);
      if (titles.length > 0) sessionStorage.setItem(STORED, titles.join(", "));
    };
    addEventListener("pagehide", leave);
    return () => {
      removeEventListener("pagehide", leave);
    };
  });
  $effect(watchTabs);
}

function sayWhatWasUnfinished(): void {
  const titles = sessionStorage.getItem(STORED);
  if (titles === null) return;
  sessionStorage.removeItem(STORED);
  notices.show(
    "unfinished",
    `The page was left while it worked (${titles}). What its address holds is shown, and computed again.`,
  );
}

function watchTabs(): () => void {
  const own = String(performance.timeOrigin + performance.now());
  // Nothing is shown of it but what the notice says.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  const others = new Set<string>();
  const channel = new BroadcastChannel(CHANNEL);
  const say = (says: Word["says"]): void => {
    channel.postMessage({ from: own, says } satisfies Word);
  };
  channel.onmessage = ({ data }: MessageEvent<Word>) => {
    if (data.says === "bye") others.delete(data.from);
    else others.add(data.from);
    if (data.says === "hello") say("here");
    if (others.size === 0) notices.clear("tabs");
    else {
      notices.show(
        "tabs",
        "Vitrine is open in another tab too. Each tab has its own view and its own model; while both compute, both are slower.",
      );
    }
  };
  const leave = (): void => {
    say("bye");
  };
  addEventListener("pagehide", leave);
  say("hello");
  return () => {
    removeEventListener("pagehide", leave);
    leave();
    channel.close();
  };
}
