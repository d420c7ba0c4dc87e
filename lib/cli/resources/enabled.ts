import { Option } from "@commander-js/extra-typings";
import type { Field } from "./field";

/** `--enable` and `--disable`, with what each is for. */
export const enabledField = (enable: string, disable: string): Field => ({
  options: [new Option("--enable", enable).conflicts("disable"), new Option("--disable", disable)],
  toRequest: (given) =>
    given.enable === undefined && given.disable === undefined ? {} : { enabled: given.enable === true },
});
