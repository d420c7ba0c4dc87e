import type { Call } from "#lib/dialects/call";
import type { ClientHeaders } from "#lib/dialects/headers/client-headers";
import { mostOfWindow } from "#lib/gateway/routing/held-windows";
import type { Model } from "#lib/gateway/routing/routing";
import { longContextTokens } from "#lib/providers/passed-headers";
import { headersFor } from "./headers-for";

/** A model with the windows that it has for a request. */
export const withWindows = (model: Model, call: Call, clientHeaders: ClientHeaders): Model =>
  forPrompts(forLongContext(model, clientHeaders), call);

/** The model with room for all prompts of a call: each has a context window. */
function forPrompts(model: Model, { prompts }: Call): Model {
  if (prompts === 1) return model;
  const times = (window: number | null) => (window === null ? null : window * prompts);
  return {
    ...model,
    contextWindow: times(model.contextWindow),
    routes: model.routes.map((route) => ({ ...route, contextWindow: times(route.contextWindow) })),
  };
}

/** The model as a client's beta of a longer context lets its targets read, where they get that. */
function forLongContext(model: Model, clientHeaders: ClientHeaders): Model {
  if (clientHeaders.size === 0) return model;
  const passed = model.routes.map((route) => longContextTokens(headersFor(clientHeaders, route)));
  const least = Math.min(...passed);
  if (Math.max(...passed) === 0) return model;
  const atLeast = (window: number | null, tokens: number) =>
    window === null || tokens === 0 ? window : Math.max(window, tokens);
  return {
    ...model,
    contextWindow: atLeast(model.contextWindow, least),
    routes: model.routes.map((route, at) => ({
      ...route,
      contextWindow: atLeast(route.contextWindow, mostOfWindow(passed[at] ?? 0)),
    })),
  };
}
