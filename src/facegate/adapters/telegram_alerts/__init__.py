"""Alerts over Telegram's Bot API, and which chats a bot has heard of."""

from facegate.adapters.telegram_alerts.chat_finder import TelegramChats
from facegate.adapters.telegram_alerts.sender import TelegramAlerts

__all__ = ["TelegramAlerts", "TelegramChats"]
