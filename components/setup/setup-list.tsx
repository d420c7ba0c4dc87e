import { Check } from "lucide-react";
import Link from "next/link";
import { Button } from "#components/ui/button";
import { Card, CardHeader } from "#components/ui/card";
import { cn } from "#components/ui/cn";
import type { SetupSteps } from "#lib/portal/setup/setup-steps";
import { RefreshOften } from "./refresh-often";

type Step = { of: keyof SetupSteps; title: string; words: string; action?: { label: string; href: string } };

const STEPS: readonly Step[] = [
  {
    of: "provider",
    title: "Add a provider",
    words: "Where requests are sent, with its API key.",
    action: { label: "Add provider", href: "/providers?new=true" },
  },
  {
    of: "model",
    title: "Create a model",
    words: "A name that clients request, and the provider that serves it.",
    action: { label: "Create model", href: "/models?new=true" },
  },
  {
    of: "organization",
    title: "Create an organization",
    words: "It owns users and keys, and has a budget.",
    action: { label: "Create organization", href: "/organizations?new=true" },
  },
  {
    of: "key",
    title: "Create an API key",
    words: "It authenticates a client.",
    action: { label: "Create key", href: "/keys?new=true" },
  },
  { of: "request", title: "Send the first request", words: "It appears here with its exact cost." },
];

const REFRESH_MS = 5000;

/** The steps of setting up a new installation. Each ticks itself once it is done. */
export function SetupList({ steps }: { steps: SetupSteps }) {
  const next = STEPS.find(({ of }) => !steps[of]);
  const done = STEPS.filter(({ of }) => steps[of]).length;
  return (
    <Card>
      <RefreshOften everyMs={REFRESH_MS} />
      <CardHeader
        title="Set up"
        aside={
          <p className="figures text-ink-3 text-xs">
            {done} of {STEPS.length} done
          </p>
        }
      />
      <ol aria-label="Steps" className="border-t">
        {STEPS.map((step, index) => (
          <li key={step.of} className="flex min-h-14 items-center gap-3 border-t px-4 py-2 first:border-t-0">
            <Mark isDone={steps[step.of]} place={index + 1} />
            <div className="min-w-0 flex-1">
              <p className={cn("font-medium text-sm", steps[step.of] ? "text-ink-3" : "text-ink")}>
                {step.title}
              </p>
              <p className="text-ink-3 text-xs">{step.words}</p>
            </div>
            {step.action && !steps[step.of] ? (
              <Button size="sm" variant={step === next ? "primary" : undefined} asChild>
                <Link href={step.action.href}>{step.action.label}</Link>
              </Button>
            ) : null}
          </li>
        ))}
      </ol>
    </Card>
  );
}

const Mark = ({ isDone, place }: { isDone: boolean; place: number }) => (
  <span
    className={cn(
      "figures flex size-6 shrink-0 items-center justify-center rounded-full text-xs",
      isDone ? "bg-accent text-on-accent" : "border text-ink-3",
    )}
  >
    {isDone ? <Check className="size-3.5" aria-hidden="true" /> : <span aria-hidden="true">{place}</span>}
    <span className="sr-only">{isDone ? "Done:" : "To do:"}</span>
  </span>
);
