"use client";

import { RadioGroup } from "radix-ui";
import { cn } from "#components/ui/cn";
import { ChecksField } from "./checks-field";

type Props = {
  /** The entity that the models are for: "key". */
  noun: string;
  models: readonly string[];
  /** Null allows every model. */
  value: string[] | null;
  onChange: (value: string[] | null) => void;
};

const CHOICES = [
  { value: "all", label: "All models", hint: "Including future models" },
  { value: "some", label: "Selected models", hint: "Choose them below" },
] as const;

export function AllowedModelsField({ noun, models, value, onChange }: Props) {
  return (
    <fieldset className="flex flex-col gap-1.5">
      <legend className="mb-1.5 font-medium text-ink text-sm">Models</legend>
      <RadioGroup.Root
        value={value === null ? "all" : "some"}
        onValueChange={(choice) => onChange(choice === "all" ? null : [])}
        aria-label="Models"
        className="grid grid-cols-2 gap-2"
      >
        {CHOICES.map((choice) => (
          <RadioGroup.Item
            key={choice.value}
            value={choice.value}
            className={cn(
              "rounded-md border border-line-strong px-3 py-2 text-left text-sm transition-colors hover:border-control",
              "data-[state=checked]:border-accent data-[state=checked]:bg-accent-soft",
            )}
          >
            <span className="block font-medium text-ink">{choice.label}</span>
            <span className="block text-ink-2 text-xs">{choice.hint}</span>
          </RadioGroup.Item>
        ))}
      </RadioGroup.Root>
      {value === null ? null : (
        <ChecksField
          name="allowed_models"
          label="Allowed models"
          options={models.map((model) => ({ value: model, label: model }))}
          value={value}
          onChange={onChange}
          empty="No models yet."
          hint={value.length === 0 ? `This ${noun} has no allowed models.` : undefined}
        />
      )}
    </fieldset>
  );
}
