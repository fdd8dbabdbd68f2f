/** The command `vitrine serve` and its options. */
import { type Command, Option } from "commander";
import { DEVICES } from "../../engine/runtime/session.js";
import { collect, wholeNumber } from "../arguments.js";
import type { ServeOptions } from "../commands/serve.js";

export function registerServe(program: Command): void {
  program
    .command("serve")
    .summary("the workbench in a browser, with models of this machine")
    .description(
      "Serves the workbench and its API until it is stopped. Only this machine can reach it, unless --host says otherwise; whoever " +
        "comes from elsewhere needs the token that is part of the address printed.",
    )
    .option("-m, --model <ref>", "zoo name, folder, file or hub id to offer too; repeat for several", collect)
    .addOption(new Option("--device <name>", "where to compute").choices(DEVICES).default("cpu"))
    .option("--host <address>", "address to listen on, such as 0.0.0.0 for all of this machine's", "127.0.0.1")
    .option(
      "--port <n>",
      "port, 0 for any that is free (default: 7777, or the next that is free)",
      wholeNumber(0, 65535),
    )
    .option("--offline", "use only what is on this machine")
    .addHelpText("after", "\nExample:\n  vitrine serve --model openai/clip-vit-base-patch16")
    .action(async (options: ServeOptions) => {
      const { runServe } = await import("../commands/serve.js");
      await runServe({ ...options, ...program.opts() });
    });
}
