import type { Attack } from "./attack";
import { errorsIn200 } from "./errors-in-200";
import { hiddenOutput } from "./hidden-output";
import { media } from "./media";
import { outputBounds } from "./output-bounds";

export const attacks: readonly Attack[] = [outputBounds, hiddenOutput, media, errorsIn200];

export const hostileModels = attacks.flatMap(({ models }) => models);
