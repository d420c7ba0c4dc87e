"use client";

import { X } from "lucide-react";
import { Button } from "#components/ui/button";

export const ClearFilters = ({ onClick }: { onClick: () => void }) => (
  <Button variant="ghost" onClick={onClick}>
    <X aria-hidden="true" />
    Clear
  </Button>
);
