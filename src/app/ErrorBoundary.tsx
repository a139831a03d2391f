import { TriangleAlert } from 'lucide-react';
import { Component, type ReactNode } from 'react';
import { Button } from '../components/Button';
import { EmptyState } from '../components/EmptyState';
import styles from './ErrorBoundary.module.css';

interface ErrorBoundaryProps {
  readonly children: ReactNode;
  /** A change clears the error: another page may work. */
  readonly resetKey: string;
}

interface ErrorBoundaryState {
  readonly error: Error | null;
  readonly key: string;
}

/** Catches what a page throws while it draws. The rail, the stores and a run in progress live outside and go on. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { error: null, key: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<ErrorBoundaryState> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  static getDerivedStateFromProps(props: ErrorBoundaryProps, state: ErrorBoundaryState): ErrorBoundaryState | null {
    return props.resetKey === state.key ? null : { error: null, key: props.resetKey };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === null) return this.props.children;
    return (
      <div role="alert">
        <EmptyState
          icon={<TriangleAlert />}
          title="This page could not be drawn"
          actions={
            <>
              <Button variant="primary" onClick={() => this.setState({ error: null })}>
                Try again
              </Button>
              <Button onClick={() => location.reload()}>Reload the studio</Button>
            </>
          }
        >
          <p>
            Your pictures, recipe and runs are stored and untouched. A training run goes on unless you reload the
            studio.
          </p>
          <details className={styles['details']}>
            <summary>What went wrong</summary>
            <pre>{error.stack ?? error.message}</pre>
          </details>
        </EmptyState>
      </div>
    );
  }
}
