"""Coroutines and generators."""

import asyncio

from prefect import flow


@flow
async def coroutine(seconds: float = 0):
    await asyncio.sleep(seconds)
    return seconds


@flow
async def calls_another():
    return await coroutine()
