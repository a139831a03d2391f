import { lazy } from 'react';

/** Each page is loaded when it is first opened. */
export const DataPage = lazy(() => import('../pages/data/DataPage'));
export const ModelPage = lazy(() => import('../pages/model/ModelPage'));
export const RecipePage = lazy(() => import('../pages/recipe/RecipePage'));
export const TrainPage = lazy(() => import('../pages/train/TrainPage'));
export const EvaluatePage = lazy(() => import('../pages/evaluate/EvaluatePage'));
export const PlaygroundPage = lazy(() => import('../pages/playground/PlaygroundPage'));
export const ExportPage = lazy(() => import('../pages/export/ExportPage'));
export const HistoryPage = lazy(() => import('../pages/history/HistoryPage'));
export const RunPage = lazy(() => import('../pages/runs/RunPage'));
