/** Whether the page is dark now, for what is drawn in colours that CSS cannot switch. Reading it in an effect follows changes. */
import { createSubscriber } from "svelte/reactivity";

const PREFERS_DARK = "(prefers-color-scheme: dark)";

const follow = createSubscriber((changed) => {
  const media = matchMedia(PREFERS_DARK);
  media.addEventListener("change", changed);
  const pinned = new MutationObserver(changed);
  pinned.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return () => {
    media.removeEventListener("change", changed);
    pinned.disconnect();
  };
});

export const theme = {
  get dark(): boolean {
    follow();
    const pinned = document.documentElement.dataset["theme"];
    return pinned === "dark" || (pinned !== "light" && matchMedia(PREFERS_DARK).matches);
  },
};
