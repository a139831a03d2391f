import { createContext, use } from 'react';
import type { NoticeTone } from './Notice';

export interface ToastMessage {
  readonly tone?: NoticeTone;
  readonly text: string;
}

export const ToastContext = createContext<(message: ToastMessage) => void>(() => undefined);

/** Shows a short message for a few seconds. For what needs an answer or must not be missed, use `Notice`. */
export function useToast(): (message: ToastMessage) => void {
  return use(ToastContext);
}
