import type { z } from "zod";
import type { Actor, Role, SystemActor } from "#lib/auth/actor";
import type { ActionResult } from "#lib/http/action-result";
import { parseInput, parseStorable } from "#lib/http/parse-input";
import type { ServiceContext } from "./context";
import { requireRole } from "./role";

/** What each verb needs to know: who acts. Most need a whole `ServiceContext`. */
export type ActorContext = { actor: Actor | SystemActor };

/** Input that may be left out where every field of it may be. */
type InputArguments<Input> = Record<never, never> extends Input ? [input?: Input] : [input: Input];

/**
 * An operation of the service layer: a function that checks the role, parses the input once and runs. The
 * Admin API's operation, the server action, a form's draft and the CLI's answer derive from its fields.
 */
export type Verb<Context extends ActorContext, Input extends z.ZodType, Output extends z.ZodType> = {
  (ctx: Context, ...input: InputArguments<z.input<Input>>): Promise<z.output<Output>>;
  /** The least role (viewer < member < org_admin < admin). `viewer` is everyone. */
  readonly role: Role;
  readonly input: Input;
  readonly output: Output;
  /** The same for input of unknown shape, such as a JSON body. */
  readonly handle: (ctx: Context, input: unknown) => Promise<z.output<Output>>;
};

/**
 * Declares a verb. Permissions that depend on a row (whose key is it?) are for `run` to check.
 * @returns a function that throws ServiceError "forbidden" below the role, then "invalid" or "not_found" for
 * the input (see parse-input.ts), then what `run` throws
 */
export function verb<
  Input extends z.ZodType,
  Output extends z.ZodType,
  Context extends ActorContext = ServiceContext,
>({
  run,
  judgesTexts = false,
  ...declared
}: {
  role: Role;
  input: Input;
  /** `z.void()` for a verb that returns nothing. */
  output: Output;
  /** For a large input: `run` judges its texts, in steps. */
  judgesTexts?: boolean;
  run: (ctx: Context, input: z.output<Input>) => Promise<z.output<Output>>;
}): Verb<Context, Input, Output> {
  const handle = async (ctx: Context, input: unknown) => {
    requireRole(ctx.actor, declared.role);
    return run(ctx, (judgesTexts ? parseStorable : parseInput)(declared.input, input));
  };
  const call = (ctx: Context, ...[input]: InputArguments<z.input<Input>>) =>
    handle(ctx, input === undefined ? {} : input);
  return Object.assign(call, { ...declared, handle });
}

type AnyVerb = { input: z.ZodType; output: z.ZodType };

/** What callers give a verb: the type of a form's draft. */
export type InputOf<V extends AnyVerb> = z.input<V["input"]>;

/** What a verb returns. */
export type OutputOf<V extends AnyVerb> = z.output<V["output"]>;

/** A server action that runs a verb, as a component gets it. */
export type ActionOf<V extends AnyVerb> = (input: InputOf<V>) => Promise<ActionResult<OutputOf<V>>>;
